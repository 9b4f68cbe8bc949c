"""Where bytes are kept: content-addressed, durable once placed, behind one small protocol."""

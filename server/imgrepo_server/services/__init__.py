"""What imgrepo does, said without HTTP and without SQL."""

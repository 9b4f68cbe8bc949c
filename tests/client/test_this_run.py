from imgrepo_client.this_run import StoredThisRun

HASH = bytes(range(32))


def test_a_run_knows_what_it_stored() -> None:
    stored = StoredThisRun()
    stored.add(HASH, "an id")
    stored.add(bytes(32), None)
    assert stored.find(HASH) == (True, "an id")
    assert stored.find(bytes(32)) == (True, None)
    assert stored.find(b"\1" * 32) == (False, None)
    stored.close()

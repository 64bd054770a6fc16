"""The tests; a package, so that one test file may import helpers such as ``tests.sample``."""

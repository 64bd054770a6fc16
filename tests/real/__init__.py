"""Tests on real data, shipped or in SITING_TEST_DATA."""

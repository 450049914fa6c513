"""Tests of the configuration, with real files in every layer's place."""

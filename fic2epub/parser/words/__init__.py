"""The word tables of the recovery, one TOML file per language: data, read by ``parser/vocabulary.py``."""

"""Runs catalog's migrations on the connection that the chassis opened."""

from services.common.db.migrations import run_env

run_env()

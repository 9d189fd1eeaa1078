"""Celery: runs what ``reviewtool.jobs`` runs, adds nothing."""

from worker.app import make_celery

celery = make_celery()

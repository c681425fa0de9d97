"""Enrolled devices and card readings, on both set-ups."""

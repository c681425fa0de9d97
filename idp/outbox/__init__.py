"""Durable deliveries: messages to people and logout tokens to clients, kept until done or given up.

Owns the rows and who may try when; not what is delivered. Enter by `queue.enqueue` and `queue.claim`.
"""

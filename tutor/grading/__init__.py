"""Judging free text: does an answer say what a statement says? Between the services and the domain, which it serves.

``text`` is the real judge (fitted), ``words`` the one that needs no model. Both obey ``opposition``: what negates or
flips a statement never covers it.
"""

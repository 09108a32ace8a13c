"""Each kind of evidence as a table, one record with its history, and what a record costs.

`evidence_shapes` says how a kind is read, `evidence_listing` filters and lists, `record_standing`
says which records count and why, `clause_facts` what a clause takes, `record_cost` what a record
that is not stored yet would cost, and `evidence_record` shows one record.
"""

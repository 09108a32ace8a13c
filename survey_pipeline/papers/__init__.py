"""Papers to circulate (通报、得分通知单、催报单): Word documents from templates, and PDF of them.

In reading order: the modules named after a paper say what stands on it, from the read models in
`reports`; `document_template` fills in the office's own template, `pdf` converts what came of it,
and `writing` puts the files where they are wanted.
"""

-- What one day leaves, in an order that foreign keys allow; `made_year` gives the values.
-- made_cases m: a day's cases, m.k the number among the drawn ones; made_phones p: the city's phones.

INSERT INTO daily_reports (office_code, reported_on, reported, zero)
SELECT office_code, :day, :cases_each, false
FROM offices;

INSERT INTO import_runs (kind, file_name, file_hash, reported_on, by, at, accepted, updated, unchanged,
    refused, warnings)
SELECT 'cases', 'cases.csv', '', :day, office_code, :drawn_at, :cases_each, 0, 0, 0, 0
FROM offices;

INSERT INTO signal_days (day, office_code, cases, repeated, shared, consecutive, alike, numbered, missing)
SELECT :day, office_code, :cases_each, 0, 0, 0, 0, 0, 0
FROM offices;

INSERT INTO job_runs (job, day, started_at, finished_at)
VALUES ('daily', :day, :drawn_at, :asked_at);

INSERT INTO cases (id, office_code, case_no, served_on, reported_on, phone, phone_hash, phone_kind, item,
    channel, import_id, row_no, frame_on, never_a_case)
SELECT :base + m.n + 1, m.office_code, :compact || m.tail, :day, :day, CASE WHEN :case_known OR :known AND m.k
    IS NOT NULL THEN p.phone END, CASE WHEN :case_known OR :known AND m.k IS NOT NULL THEN p.phone_hash END,
    'mobile', '居住证签注', '窗口', 1, 1, :day, false
FROM made_cases m JOIN made_phones p ON p.n = (:base + m.n) % :pool;

INSERT INTO surveys (id, case_id, office_code, case_no, category, month, drawn_on, rank_hash, phone,
    phone_hash, phone_kind, own_calls, opened_at, asked_at, reply_until, closes_at, state, closed_at, rating,
    rated_by, rated_at, corrected, texted, delivered, replied, called, reached, attempts, denied,
    contact_data_bad, opted_out, disposition, withdrawn)
SELECT :survey_base + m.k + 1, :base + m.n + 1, m.office_code, :compact || m.tail, m.category, :month, :day,
    m.rank_hash, CASE WHEN :known THEN p.phone END, CASE WHEN :known THEN p.phone_hash END, 'mobile', true,
    :drawn_at, CASE WHEN :asked THEN :asked_at END, CASE WHEN :asked THEN :called_at END, :closes_at, CASE WHEN
    :open THEN 'open' ELSE 'closed' END, CASE WHEN :open THEN NULL ELSE :closes_at END, CASE WHEN m.by_phone = 0
    AND :asked OR NOT :open THEN m.rating END, CASE WHEN m.by_phone = 0 AND :asked THEN 'sms' WHEN NOT :open THEN
    'phone' END, CASE WHEN m.by_phone = 0 AND :asked THEN :answered_at WHEN NOT :open THEN :called_at END, false,
    :asked, :asked, m.by_phone = 0 AND :asked, m.by_phone = 1 AND NOT :open, m.by_phone = 1 AND NOT :open, CASE
    WHEN m.by_phone = 1 AND NOT :open THEN 1 ELSE 0 END, false, false, false, CASE WHEN m.by_phone = 0 AND :asked
    OR NOT :open THEN '1.1' ELSE '3.11' END, false
FROM made_cases m JOIN made_phones p ON p.n = (:base + m.n) % :pool
WHERE m.k IS NOT NULL;

INSERT INTO draw_offices (day, office_code, frame, eligible, drawn)
SELECT :day, office_code, :cases_each, :cases_each, count(k)
FROM made_cases
GROUP BY office_code;

INSERT INTO survey_events (survey_id, at, what)
SELECT :survey_base + m.k + 1, :drawn_at, 'opened'
FROM made_cases m
WHERE m.k IS NOT NULL;

INSERT INTO survey_events (survey_id, at, what)
SELECT :survey_base + m.k + 1, :asked_at, 'texted'
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO survey_events (survey_id, at, what, after)
SELECT :survey_base + m.k + 1, :answered_at, 'rated', m.rating
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO survey_events (survey_id, at, what, after)
SELECT :survey_base + m.k + 1, :closes_at, 'closed', 'time'
FROM made_cases m
WHERE m.k IS NOT NULL AND NOT :open;

INSERT INTO messages (id, survey_id, purpose, phone, phone_hash, text, template, template_version, digits,
    encoding, segments, state, queued_at, not_before, expires_at, tries, gateway, attempt_id, provider_id,
    accepted_at, settled_at)
SELECT :survey_base + m.k + 1, :survey_base + m.k + 1, 'survey', CASE WHEN :known THEN p.phone END, CASE WHEN
    :known THEN p.phone_hash END, CASE WHEN :known THEN '请评价' END, 'survey.txt', 'made', '{"1": "satisfied", "2":
    "neutral", "3": "dissatisfied"}', 'UCS-2', 1, 'delivered', :asked_at, :asked_at, :closes_at, 0, 'simulated',
    'T' || CAST(:survey_base + m.k + 1 AS VARCHAR), 'S' || CAST(:survey_base + m.k + 1 AS VARCHAR), :asked_at,
    :asked_at
FROM made_cases m JOIN made_phones p ON p.n = (:base + m.n) % :pool
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO send_attempts (id, message_id, gateway, started_at, ended_at, outcome, provider_id)
SELECT 'T' || CAST(:survey_base + m.k + 1 AS VARCHAR), :survey_base + m.k + 1, 'simulated', :asked_at,
    :asked_at, 'accepted', 'S' || CAST(:survey_base + m.k + 1 AS VARCHAR)
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO message_events (message_id, at, before, after)
SELECT :survey_base + m.k + 1, :asked_at, 'queued', 'sending'
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO message_events (message_id, at, before, after)
SELECT :survey_base + m.k + 1, :asked_at, 'sending', 'accepted'
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO message_events (message_id, at, before, after)
SELECT :survey_base + m.k + 1, :asked_at, 'accepted', 'delivered'
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO receipts (id, gateway, provider_id, attempt_id, state, received_at, applied_at, waited)
SELECT :survey_base + m.k + 1, 'simulated', 'S' || CAST(:survey_base + m.k + 1 AS VARCHAR), 'T' ||
    CAST(:survey_base + m.k + 1 AS VARCHAR), 'delivered', :asked_at, :asked_at, 4000
FROM made_cases m
WHERE m.k IS NOT NULL AND :asked;

INSERT INTO inbound (id, gateway, provider_id, phone, phone_hash, text, received_at, reply_class, use,
    read_at, survey_id, opted_out)
SELECT :survey_base + m.k + 1, 'simulated', 'I' || CAST(:survey_base + m.k + 1 AS VARCHAR), CASE WHEN :known
    THEN p.phone END, CASE WHEN :known THEN p.phone_hash END, CASE WHEN :known THEN '1' END, :answered_at, CASE
    WHEN m.unclear = 1 AND :unread THEN 'unclear' ELSE m.rating END, CASE WHEN m.unclear = 1 AND :unread THEN
    'reader' ELSE 'answer' END, :answered_at, :survey_base + m.k + 1, false
FROM made_cases m JOIN made_phones p ON p.n = (:base + m.n) % :pool
WHERE m.k IS NOT NULL AND m.by_phone = 0 AND :asked;

INSERT INTO answers (survey_id, role, mode, rating, given_at, recorded_at, inbound_id)
SELECT :survey_base + m.k + 1, 'rating', 'sms', m.rating, :answered_at, :answered_at, :survey_base + m.k + 1
FROM made_cases m
WHERE m.k IS NOT NULL AND m.by_phone = 0 AND :asked;

INSERT INTO calls (id, survey_id, reason, priority, state, queued_at, due_at, last_at, attempts,
    extra_attempts, slots, ended_at, why)
SELECT :survey_base + m.k + 1, :survey_base + m.k + 1, 'no_reply', 3, CASE WHEN :open THEN 'open' ELSE 'done'
    END, :called_at, :called_at, :closes_at, CASE WHEN :open THEN 0 ELSE 1 END, 0, '', CASE WHEN :open THEN NULL
    ELSE :called_at END, CASE WHEN :open THEN NULL ELSE 'answered' END
FROM made_cases m
WHERE m.k IS NOT NULL AND m.by_phone = 1 AND :called;

INSERT INTO call_attempts (call_id, survey_id, number, by, logged_at, slot, outcome, rating, late)
SELECT :survey_base + m.k + 1, :survey_base + m.k + 1, 1, 'caller', :called_at, 'm', 'answered', m.rating,
    false
FROM made_cases m
WHERE m.k IS NOT NULL AND m.by_phone = 1 AND NOT :open;

INSERT INTO answers (survey_id, role, mode, rating, given_at, recorded_at, by)
SELECT :survey_base + m.k + 1, 'rating', 'phone', m.rating, :called_at, :called_at, 'caller'
FROM made_cases m
WHERE m.k IS NOT NULL AND m.by_phone = 1 AND NOT :open;

INSERT INTO audit_log (at, actor, action, kind, key)
SELECT :called_at, 'caller', 'looked', 'calls', CAST(:survey_base + m.k + 1 AS VARCHAR)
FROM made_cases m
WHERE m.k IS NOT NULL AND m.by_phone = 1 AND NOT :open;

INSERT INTO audit_waiting (id) SELECT id
FROM audit_log
WHERE id > (SELECT coalesce(max(entry_id), 0)
FROM audit_links) AND id > (SELECT coalesce(max(id), 0)
FROM audit_waiting);

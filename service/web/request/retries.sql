-- name: given^
-- What was answered to this key, within the day that answers are kept?
select body, fingerprint, headers, status
from given_answer
where
    caller = :caller
    and idempotency_key = :idempotency_key
    and at > clock_timestamp() - interval '24 hours'
;

-- name: take_turn!
-- Wait for another request with this key that is being answered; until the end of the transaction
-- the key is ours.
select pg_advisory_xact_lock(hashtextextended(:caller || ' ' || :idempotency_key, 0))
;

-- name: keep!
-- Keep an answer with its effect, in the place of one that is older than a day; let others that old
-- go, a few at a time.
with
    gone as (
        delete from given_answer
        where
            (caller, idempotency_key) in (
                select caller, idempotency_key
                from given_answer
                where
                    at < :at::timestamptz - interval '24 hours'
                    and (caller, idempotency_key) <> (:caller, :idempotency_key)
                order by at
                limit 10
            )
    )
insert into given_answer (caller, idempotency_key, at, body, fingerprint, headers, status)
values
    (:caller, :idempotency_key, :at, :body, :fingerprint, :headers, :status)
    on conflict(caller, idempotency_key) do update
    set at = excluded.at,
    body = excluded.body,
    fingerprint = excluded.fingerprint,
    headers = excluded.headers,
    status = excluded.status
;

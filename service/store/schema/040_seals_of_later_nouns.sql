-- migrate:up

-- What came after the first seals is sealed too: a noun is one branch here, beside those of the first views.

alter view seal_opening rename to seal_opening_of_first_nouns;
alter view seal_closing rename to seal_closing_of_first_nouns;

create view seal_opening with (security_invoker = true) as
select change, noun, key, since_change, fields from seal_opening_of_first_nouns
union all
select since_change, 'operation', operation_id::text, since_change, to_jsonb(version) - 'until_change' from operation_version as version
union all
select since_change, 'operation_tag', force || '/' || operation_id || '/' || offence_id, since_change, to_jsonb(version) - 'until_change'
from operation_tag as version
union all
select since_change, 'peer_group', force || '/' || peer_group, since_change, to_jsonb(version) - 'until_change' from peer_group_version as version
union all
select since_change, 'series_break', series_break, since_change, to_jsonb(version) - 'until_change' from series_break_version as version
union all
select since_change, 'measure', measure, since_change, to_jsonb(version) - 'until_change' from measure_version as version
union all
select since_change, 'observation', observation_id::text, since_change, to_jsonb(version) - 'until_change' from observation_version as version
union all
select since_change, 'household_count', area || '/' || year, since_change, to_jsonb(version) - 'until_change' from household_count as version
union all
select since_change, 'severity_weight', code || '/' || position, since_change, to_jsonb(weighed) from severity_weight as weighed
union all
select since_change, 'caller_key', key_id::text, since_change,
       to_jsonb(version) - 'until_change'
       || jsonb_build_object('digest', encode(digest, 'hex'), 'expires_at', expires_at at time zone 'UTC')
from caller_key_version as version;
comment on view seal_opening is 'What each change opened, and the change itself: the columns of which the entry is made.';

create view seal_closing with (security_invoker = true) as
select change, noun, key, since_change from seal_closing_of_first_nouns
union all
select until_change, 'operation', operation_id::text, since_change from operation_version where until_change is not null
union all
select until_change, 'operation_tag', force || '/' || operation_id || '/' || offence_id, since_change
from operation_tag where until_change is not null
union all
select until_change, 'peer_group', force || '/' || peer_group, since_change from peer_group_version where until_change is not null
union all
select until_change, 'series_break', series_break, since_change from series_break_version where until_change is not null
union all
select until_change, 'measure', measure, since_change from measure_version where until_change is not null
union all
select until_change, 'observation', observation_id::text, since_change from observation_version where until_change is not null
union all
select until_change, 'household_count', area || '/' || year, since_change from household_count where until_change is not null
union all
select until_change, 'caller_key', key_id::text, since_change from caller_key_version where until_change is not null;
comment on view seal_closing is 'What each change ended.';

create or replace view seal_entry with (security_invoker = true) as
select change, noun, key, since_change, false as closing,
       (jsonb_strip_nulls(fields) || jsonb_build_object('noun', noun))::text as entry
from seal_opening
union all
select change, noun, key, since_change, true,
       jsonb_build_object('key', key, 'noun', noun, 'since_change', since_change, 'until_change', change)::text
from seal_closing;
grant select on seal_opening, seal_closing to crimebook_service;

-- migrate:down
create or replace view seal_entry with (security_invoker = true) as
select change, noun, key, since_change, false as closing,
       (jsonb_strip_nulls(fields) || jsonb_build_object('noun', noun))::text as entry
from seal_opening_of_first_nouns
union all
select change, noun, key, since_change, true,
       jsonb_build_object('key', key, 'noun', noun, 'since_change', since_change, 'until_change', change)::text
from seal_closing_of_first_nouns;
drop view seal_closing, seal_opening;
alter view seal_closing_of_first_nouns rename to seal_closing;
alter view seal_opening_of_first_nouns rename to seal_opening;

-- name: list
-- Which breaks are there? With a category, those that concern it.
select {{ series_break_version.columns }}
from series_break_version
where
    known_at(since_change, until_change, :as_of)
    and (
        :category::text is null
        or series_break in (
            select series_break
            from break_concerning(array[:category::text], '-infinity', 'infinity', :as_of)
        )
    )
    and (:after_series_break::text is null or series_break > :after_series_break)
order by series_break
limit :limit
;

-- name: read^
-- What is this break?
select {{ series_break_version.columns }}
from series_break_version
where series_break = :series_break and known_at(since_change, until_change, :as_of)
;

-- name: unknown_codes
-- Which of these codes are not known?
select code
from unnest(:codes::text[]) as code
where code not in (select known_code.code from known_code where known_code.since_change <= :as_of)
order by code
;

-- name: close_differing!
-- End the versions that the drafts differ from.
update series_break_version as present set until_change = :change
from jsonb_to_recordset(:drafts) as draft ({{ series_break_version.draft }})
where
    present.series_break = draft.series_break
    and present.until_change is null
    and ({{ series_break_version.stated_of("present") }})
    is distinct from ({{ series_break_version.stated_of("draft") }})
;

-- name: open_missing!
-- Begin a version of each that has none now.
insert into series_break_version ({{ series_break_version.columns }})
select {{ series_break_version.version(stated="draft") }}
from jsonb_to_recordset(:drafts) as draft ({{ series_break_version.draft }})
where
    not exists (
        select
        from series_break_version as present
        where present.series_break = draft.series_break and present.until_change is null
    )
;

-- name: end!
-- End the version that was seen.
update series_break_version
set until_change = :change
where series_break = :series_break and since_change = :seen and until_change is null
;

-- name: known_on$
-- On which civil day was the book as it is read here?
select civil_day(:at)
;

-- name: first_published
-- As what were these counts first published in a release, of all that were open to everybody when
-- the book was as it is read here?
select distinct
    on (published.area, published.category, published.from_on, published.to_on)
    published.area,
    published.category,
    published.from_on,
    published.to_on,
    published.value,
    published.title
from
    (
        select
            figure.area,
            figure.category,
            figure.position,
            release.since_change,
            release.title,
            span.*
        from release
        join release_figure as figure using (release_id)
        cross join
            lateral(
                values
                    (release.from_on, release.to_on, figure.value),
                    (release.base_from, release.base_to, figure.base_value)
            ) as span(from_on, to_on, value)
        where
            release.since_change <= :as_of
            and release.source = :source
            and release.measure = :measure
            and (release.embargo_until is null or release.embargo_until <= :at)
            and figure.area = any(:areas)
            and figure.category = any(:categories)
    ) as published
where published.from_on >= :first and published.to_on <= :last
order by
    published.area,
    published.category,
    published.from_on,
    published.to_on,
    published.since_change,
    published.position
;

-- name: editions
-- Which editions of a source came, in the order in which they did?
select return.edition, return.change, change.at
from return
join change on change.id = return.change
where return.source = :source and return.change <= :as_of
order by return.change
;

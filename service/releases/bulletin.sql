-- name: largest_district^
-- In which district of this area, of those that there were in the period, were the most crimes
-- recorded?
select tally.area
from tally
join
    area_ancestor as inside
    on inside.area = tally.area
    and inside.ancestor = :area
    and inside.until_change is null
join area as place on place.area = tally.area and place.kind = 'district'
where
    coalesce(place.from_on, '-infinity') <= :from_on
    and coalesce(place.to_on, 'infinity') >= :to_on
group by tally.area
order by sum(offences) desc, tally.area
limit 1
;

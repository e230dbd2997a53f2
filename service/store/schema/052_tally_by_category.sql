-- migrate:up

-- What category_tally holds is said once: it is filled from this where categories or areas are redrawn, and held against it by `verify`.
create view tally_by_category with (security_invoker = true) as
    select tally.force, tally.area, member.category, tally.month, sum(tally.offences) as offences, sum(tally.victims) as victims
    from tally join category_member_now as member on member.code = tally.code and tally.month between member.from_on and member.to_on
    group by 1, 2, 3, 4;
comment on view tally_by_category is 'The tally summed by category, each as it is defined now.';
grant select on tally_by_category to crimebook_service;

-- migrate:down
drop view tally_by_category;

-- migrate:up

-- How an investigation ends, as the Home Office counts it. A type that is part_of another is an "of
-- which" row: its records are the other's too, and adding the two counts them twice.
create table outcome_type (
    outcome       text not null,
    position      int  not null,
    from_on       date,
    name          text not null,
    outcome_group text not null,
    part_of       text,
    constraint outcome_type_is_named_once primary key (outcome),
    constraint outcome_type_part_of_is_known foreign key (part_of) references outcome_type
);
comment on table outcome_type is
    'The outcomes framework of April 2013 with its later types. 0, not yet assigned, is no '
    'assigned outcome.';
comment on column outcome_type.from_on is
    'First day on which it could be assigned, where that is later than the framework.';
grant select on outcome_type to crimebook_service;

insert into outcome_type (position, outcome, name, outcome_group, part_of, from_on) values
    (1, '0', 'Not yet assigned an outcome', 'Not yet assigned', null, null),
    (2, '1', 'Charged or summonsed', 'Charged or summonsed', null, null),
    (3, '1A', 'Charged or summonsed: alternate offence', 'Charged or summonsed', '1', null),
    (4, '2', 'Caution: youths', 'Out of court (formal)', null, null),
    (5, '2A', 'Caution: youths, alternate offence', 'Out of court (formal)', '2', null),
    (6, '3', 'Caution: adults', 'Out of court (formal)', null, null),
    (7, '3A', 'Caution: adults, alternate offence', 'Out of court (formal)', '3', null),
    (8, '4', 'Taken into consideration', 'Taken into consideration', null, null),
    (9, '5', 'Offender died', 'Prosecution prevented or not in the public interest', null, null),
    (10, '6', 'Penalty notice for disorder', 'Out of court (formal)', null, null),
    (11, '7', 'Cannabis or khat warning', 'Out of court (informal)', null, null),
    (12, '8', 'Community resolution', 'Out of court (informal)', null, null),
    (13, '9', 'Not in the public interest: prosecutor',
     'Prosecution prevented or not in the public interest', null, null),
    (14, '10', 'Formal action not in the public interest: police',
     'Prosecution prevented or not in the public interest', null, null),
    (15, '11', 'Suspect under age',
     'Prosecution prevented or not in the public interest', null, null),
    (16, '12', 'Suspect too ill',
     'Prosecution prevented or not in the public interest', null, null),
    (17, '13', 'Victim or key witness dead or too ill',
     'Prosecution prevented or not in the public interest', null, null),
    (18, '14', 'No suspect identified, victim does not support action',
     'Evidential difficulties', null, null),
    (19, '15', 'Suspect identified, victim supports action, evidential difficulties',
     'Evidential difficulties', null, null),
    (20, '16', 'Suspect identified, victim does not support action',
     'Evidential difficulties', null, null),
    (21, '17', 'Time limit for prosecution expired',
     'Prosecution prevented or not in the public interest', null, null),
    (22, '18', 'Investigation complete, no suspect identified',
     'Investigation complete, no suspect identified', null, null),
    (23, '19', 'National Fraud Intelligence Bureau case', 'Fraud', null, null),
    (24, '20', 'Action undertaken by another body',
     'Action undertaken by another body', null, '2015-04-01'),
    (25, '21', 'Further investigation not in the public interest: police',
     'Further investigation not in the public interest', null, '2016-01-01'),
    (26, '22', 'Diversionary, educational or intervention activity',
     'Diversionary, educational or intervention activity', null, '2019-04-01');

create table positive_outcome (
    outcome text not null,
    source  text not null,
    constraint positive_outcome_is_told_once primary key (outcome),
    constraint positive_outcome_is_a_type foreign key (outcome) references outcome_type
);
comment on table positive_outcome is
    'The outcomes in which something was done with an offender: charged or summonsed, out of '
    'court, taken into consideration, diverted. Each from the day on which it could be assigned.';
grant select on positive_outcome to crimebook_service;

insert into positive_outcome (outcome, source)
select outcome, 'Home Office crime outcomes open data, group: ' || outcome_group
from outcome_type
where outcome in ('1', '1A', '2', '2A', '3', '3A', '4', '6', '7', '8', '22');

-- migrate:down

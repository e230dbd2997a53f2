-- migrate:up

-- Each figure asks as what it was first published: of all that was ever published, where no index tells what is of its area. With 400,000 published
-- figures that took 23 ms.
create index release_figure_of on release_figure (area, category, release_id);

-- migrate:down
drop index release_figure_of;

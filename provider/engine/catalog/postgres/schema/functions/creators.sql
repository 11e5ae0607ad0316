-- Processes that have records in the making.

-- Silent for so long, a process of another host is taken for dead; by the server's clock.
create or replace function silence() returns interval language sql immutable as $$ select interval '30 s' $$;

create or replace function own_creator(of_host text, of_pid int, of_start text) returns bigint language sql
security definer set search_path = images, pg_temp as $$
  insert into creators (login, host, pid, started_at) values (session_user, of_host, of_pid, coalesce(of_start, ''))
  on conflict (login, host, pid, started_at) do update set beat_at = clock_timestamp()
  returning id
$$;

create or replace function beat(creator bigint) returns void language sql security definer
set search_path = images, pg_temp as $$
  update creators set beat_at = clock_timestamp() where id = creator and login = session_user
$$;

-- Takes the process out where it leaves nothing in the making.
create or replace function leave(creator bigint) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  perform check_isolation();
  -- Then only look: whoever inserts a record of its holds it until that is seen.
  perform from creators where id = creator and login = session_user for update;
  delete from creators where id = creator and login = session_user and not has_creations(id);
end $$;

create or replace function has_creations(of_creator bigint) returns boolean language sql stable as $$
  select exists (select from images where creator = of_creator)
    or exists (select from instances where creator = of_creator)
    or exists (select from volumes where creator = of_creator)
    or exists (select from exports where creator = of_creator)
$$;

-- The processes that have something of mine in the making. `silent`: a process of another host is dead then.
create or replace function creators()
returns table (id bigint, host text, pid int, started_at text, silent boolean) language plpgsql stable security definer
set search_path = images, pg_temp as $$
begin
  -- `offset 0`: by index for each process, however few records there were when this was planned.
  return query
  with asker as materialized (select my_account_ids() as mine)
  select each.id, each.host, each.pid, nullif(each.started_at, ''), clock_timestamp() - each.beat_at > silence()
  from creators as each
  where exists (
      select from images where creator = each.id and account_id = any ((select mine from asker)::int[]) offset 0)
    or exists (
      select from instances where creator = each.id and account_id = any ((select mine from asker)::int[]) offset 0)
    or exists (
      select from volumes where creator = each.id and account_id = any ((select mine from asker)::int[]) offset 0)
    or exists (
      select from exports where creator = each.id and account_id = any ((select mine from asker)::int[]) offset 0);
end $$;

-- Whether what this process makes is still being made.
create or replace function is_running(of_creator bigint) returns boolean language plpgsql volatile as $$
begin
  return (
    select exists (select from creators where id = of_creator and clock_timestamp() - beat_at <= silence())
  );
end $$;

create or replace function check_creator(of_creator bigint) returns void language plpgsql as $$
begin
  perform from creators where id = of_creator and login = session_user for key share;
  if not found then
    perform refuse('not-your-process', format('%s is no process of login %s', of_creator, session_user));
  end if;
end $$;

-- Removes what these processes have of mine in the making.
create or replace function sweep(dead bigint[]) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
  left_over record;
  swept bigint[] := '{}';
begin
  perform check_isolation();
  perform from images where creator = any (dead) and account_id = any (mine) order by id for update;
  perform from place_locks where account_id = any (mine) order by account_id for update;
  for left_over in
    select 'export' as kind, id, creator from exports where creator = any (dead) and account_id = any (mine)
    union all select 'image', id, creator from images where creator = any (dead) and account_id = any (mine)
    union all select 'instance', id, creator from instances where creator = any (dead) and account_id = any (mine)
    union all select 'volume', id, creator from volumes where creator = any (dead) and account_id = any (mine)
  loop
    perform remove_record(left_over.kind, left_over.id, 'sweep');
    swept := swept || left_over.creator;
  end loop;
  -- Nobody holds up a process that lives, or one that others look at.
  for left_over in
    select id from creators where id = any (dead) and (login = session_user or id = any (swept)) for update skip locked
  loop
    delete from creators where id = left_over.id and not has_creations(id);
  end loop;
end $$;

-- Who is asking: the login itself, whatever role it has set.

-- Columns that PostgreSQL 15 hasn't got: a membership is always used there.
create or replace function is_usable(given pg_catalog.pg_auth_members) returns boolean language sql stable as $$
  select coalesce((row ->> 'inherit_option')::boolean or (row ->> 'set_option')::boolean, true)
  from pg_catalog.to_jsonb(given) as row
$$;

-- Roles that the login is a member of, itself included. Walked from the login up: a login has few, a database many.
-- From PostgreSQL 16 on, who makes a role may grant it, and is no member that inherits from it or may take it on.
-- `offset 0`: only those of its own memberships are judged, whatever the planner thinks that a login has.
create or replace function my_roles() returns name[] language plpgsql stable as $$
begin
  return array(
    with recursive mine (oid) as (
      select quote_ident(session_user)::regrole::oid
      union
      select given.roleid
      from mine, lateral (
        select each as membership, roleid from pg_catalog.pg_auth_members as each where member = mine.oid offset 0
      ) as given
      where is_usable(membership)
    )
    select pg_catalog.pg_get_userbyid(oid) from mine
  );
end $$;

create or replace function my_account_ids() returns int[] language plpgsql stable security definer
set search_path = images, pg_temp as $$
begin
  -- Names of roles are collated by bytes, and the index isn't: without `collate` it would be of no use.
  return array(select id from accounts where role = any ((select my_roles())::text[] collate "default"));
end $$;

-- The images that other accounts share with one of mine.
create or replace function shared_image_ids() returns text[] language plpgsql stable security definer
set search_path = images, pg_temp as $$
begin
  return array(select image_id from shares where member_account_id = any ((select my_account_ids())::int[]));
end $$;

-- The account, where it is the caller's; or refuses.
create or replace function own_account(of_region text, named text) returns accounts language plpgsql stable as $$
declare
  found_account accounts;
begin
  select * into found_account from accounts
  where region = of_region and name = named and role = any ((select my_roles())::text[]);
  if not found then
    perform refuse('not-your-account', format(
      'login %s is no member of the role of account %s in region %s', session_user, named, of_region));
  end if;
  return found_account;
end $$;

-- Any account; or refuses.
create or replace function account_named(of_region text, named text) returns accounts language plpgsql stable as $$
declare
  found_account accounts;
begin
  select * into found_account from accounts where region = of_region and name = named;
  if not found then
    perform refuse('absent', format('region %s has no account %s', of_region, named));
  end if;
  return found_account;
end $$;

create or replace function is_mine(account int) returns boolean language plpgsql stable as $$
begin
  return exists (select from accounts where id = account and role = any ((select my_roles())::text[]));
end $$;

create or replace function is_operator() returns boolean language sql stable as $$
  select exists (
    select from pg_catalog.pg_namespace
    where nspname = 'images' and pg_catalog.pg_get_userbyid(nspowner) = any (my_roles())
  )
$$;

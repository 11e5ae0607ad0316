-- Who is asking: the login itself, whatever role it has set.

-- Roles that the login is a member of, itself included. Walked from the login up: a login has few, a database many.
create or replace function my_roles() returns setof name language sql stable as $$
  with recursive mine (oid) as (
    select oid from pg_catalog.pg_roles where rolname = session_user
    union
    select roleid from pg_catalog.pg_auth_members join mine on member = mine.oid
  )
  select rolname from pg_catalog.pg_roles join mine using (oid)
$$;

create or replace function my_account_ids() returns int[] language sql stable security definer
set search_path = images, pg_temp as $$
  select coalesce(array_agg(id), '{}') from accounts where role in (select my_roles())
$$;

-- The images that other accounts share with one of mine.
create or replace function shared_image_ids() returns text[] language sql stable security definer
set search_path = images, pg_temp as $$
  select coalesce(array_agg(image_id), '{}') from shares where member_account_id = any (my_account_ids())
$$;

-- The account, where it is the caller's; or refuses.
create or replace function own_account(of_region text, named text) returns accounts language plpgsql stable as $$
declare
  found_account accounts;
begin
  select * into found_account from accounts
  where region = of_region and name = named and role in (select my_roles());
  if not found then
    perform refuse('not-your-account', format(
      'login %s is no member of the role of account %s in region %s', session_user, named, of_region));
  end if;
  return found_account;
end $$;

create or replace function is_mine(account int) returns boolean language sql stable as $$
  select account = any (my_account_ids())
$$;

create or replace function is_operator() returns boolean language sql stable as $$
  select exists (
    select from my_roles() as mine (role) join pg_catalog.pg_namespace on nspname = 'images'
    where mine.role = pg_catalog.pg_get_userbyid(nspowner)
  )
$$;

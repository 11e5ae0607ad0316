-- Places taken, counted as rows come and go. Taking locks the account's row until the transaction ends.

create or replace function count_images() returns trigger language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    update places set private_images = private_images + 1 where account_id = new.account_id;
  else
    update places set private_images = private_images - 1 where account_id = old.account_id;
  end if;
  return null;
end $$;

-- A snapshot that several images hold counts once.
create or replace function count_snapshots() returns trigger language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  of_account constant int := case when tg_op = 'INSERT' then new.account_id else old.account_id end;
  of_disk constant text := case when tg_op = 'INSERT' then new.disk_id else old.disk_id end;
  held constant int := (
    select count(*) from (
      select from disk_references where account_id = of_account and disk_id = of_disk and snapshot = 1 limit 2
    ) as holders
  );
begin
  if tg_op = 'INSERT' and held = 1 then
    update places set snapshots = snapshots + 1 where account_id = of_account;
  elsif tg_op = 'DELETE' and held = 0 then
    update places set snapshots = snapshots - 1 where account_id = of_account;
  end if;
  return null;
end $$;

create or replace function lock_places(of_account int) returns places language plpgsql as $$
declare
  locked places;
begin
  select * into locked from places where account_id = of_account for no key update;
  return locked;
end $$;

-- Refuses where the account has more than its quotas since `before`, and more than it had then.
create or replace function keep_quotas(owner accounts, before places) returns void language plpgsql as $$
declare
  used places;
begin
  select * into used from places where account_id = owner.id;
  if used.private_images > before.private_images and used.private_images > owner.quota_private_images then
    perform refuse('private-images-full', format(
      'account %s has %s of %s private images in region %s',
      owner.name, before.private_images, owner.quota_private_images, owner.region));
  end if;
  if used.snapshots > before.snapshots and used.snapshots > owner.quota_snapshots then
    perform refuse('snapshots-full', format(
      'account %s has %s of %s snapshots in region %s, and the image needs %s',
      owner.name, before.snapshots, owner.quota_snapshots, owner.region, used.snapshots - before.snapshots));
  end if;
end $$;

-- What an account of the caller's has taken of its own places, as it is counted already.
create or replace function places_taken(of_region text, named text)
returns table (private_images int, snapshots int) language plpgsql stable
security definer set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  return query
  select places.private_images, places.snapshots from places join accounts on accounts.id = account_id
  where region = of_region and name = named and accounts.id = any (mine);
end $$;

-- Members of the caller's regions that have taken shares, with how many: no more than the number.
create or replace function shares_taken() returns table (region text, member text, taken int) language sql stable
security definer set search_path = images, pg_temp as $$
  select shares.region, shares.member_id, count(*)::int from shares
  where shares.region in (select region from accounts where id = any ((select my_account_ids())::int[]))
  group by shares.region, shares.member_id
$$;

-- Shares that a member has taken in a region of the caller's: no more than the number.
create or replace function accepted_shares(of_region text, member text) returns int language plpgsql stable
security definer set search_path = images, pg_temp as $$
begin
  if not exists (select from accounts where region = of_region and id = any ((select my_account_ids())::int[])) then
    return null;
  end if;
  return (
    select count(*) from shares
    where member_account_id = (select id from accounts where region = of_region and name = member));
end $$;

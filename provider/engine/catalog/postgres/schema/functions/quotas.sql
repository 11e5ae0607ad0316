-- Places taken, counted as records come and go. They are locked after records and before contents.

create or replace function lock_places(of_account int) returns void language plpgsql as $$
begin
  perform from place_locks where account_id = of_account for update;
end $$;

-- Takes the places of an image with these snapshots, or refuses. One that several images hold counts once: what isn't
-- `fresh` may be another's too, which whoever makes the image has locked. Others of the account wait from here on until
-- the transaction ends.
create or replace function take_places(owner accounts, snapshots text[], fresh text[]) returns void
language plpgsql as $$
declare
  disk text;
  more int := cardinality(snapshots);
  used places;
begin
  foreach disk in array snapshots loop
    if disk <> all (fresh) then
      perform from disk_references where disk_id = disk and account_id = owner.id and snapshot = 1;
      more := more - found::int;
    end if;
  end loop;
  perform lock_places(owner.id);
  update places set private_images = private_images + 1, snapshots = places.snapshots + more
  where account_id = owner.id returning * into used;
  if used.private_images > owner.quota_private_images then
    perform refuse('private-images-full', format(
      'account %s has %s of %s private images in region %s',
      owner.name, used.private_images - 1, owner.quota_private_images, owner.region));
  elsif more > 0 and used.snapshots > owner.quota_snapshots then
    perform refuse('snapshots-full', format(
      'account %s has %s of %s snapshots in region %s, and the image needs %s',
      owner.name, used.snapshots - more, owner.quota_snapshots, owner.region, more));
  end if;
end $$;

-- Counts the places of an account anew; or refuses. They are locked already.
create or replace function count_places(owner accounts) returns void language plpgsql as $$
declare
  used places;
begin
  update places set
    private_images = (select count(*) from images where account_id = owner.id),
    snapshots = (
      select count(distinct disk_id) from disk_references where account_id = owner.id and snapshot = 1)
  where account_id = owner.id returning * into used;
  if used.private_images > owner.quota_private_images then
    perform refuse('private-images-full', format(
      'account %s would have %s of %s private images in region %s',
      owner.name, used.private_images, owner.quota_private_images, owner.region));
  elsif used.snapshots > owner.quota_snapshots then
    perform refuse('snapshots-full', format(
      'account %s would have %s of %s snapshots in region %s',
      owner.name, used.snapshots, owner.quota_snapshots, owner.region));
  end if;
end $$;

-- Gives back those of an image that is about to be deleted, and is locked.
create or replace function give_places(of_account int, of_image text) returns void language plpgsql as $$
begin
  perform lock_places(of_account);
  update places set private_images = private_images - 1, snapshots = snapshots - (
    select count(*) from disk_references as held
    where image_id = of_image and snapshot = 1 and not exists (
      select from disk_references as other
      where other.disk_id = held.disk_id and other.account_id = of_account and other.snapshot = 1
        and other.image_id <> of_image))
  where account_id = of_account;
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

-- The same of every account of the caller's.
create or replace function places_taken()
returns table (region text, account text, private_images int, snapshots int)
language plpgsql stable security definer set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  return query
  select each.region, each.name, places.private_images, places.snapshots
  from places join accounts as each on each.id = account_id
  where each.id = any (mine);
end $$;

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

-- What instances keep to, beyond what holds for all records.

-- Returns the contents that are nobody's before.
create or replace function check_new_instance(owner accounts, record jsonb) returns text[] language plpgsql as $$
begin
  if record -> 'source' ->> 'type' <> 'file' then
    perform check_serves_instance(owner, record);
  end if;
  return disks_of(record);
end $$;

create or replace function disks_of(record jsonb) returns text[] language sql immutable as $$
  select array(
    select disk ->> 'id' from jsonb_array_elements(record -> 'dataDisks' || (record -> 'systemDisk')) as disk)
$$;

create or replace function check_serves_instance(owner accounts, record jsonb) returns void language plpgsql as $$
declare
  of_id constant text := record -> 'source' ->> 'id';
  image constant jsonb := visible_image(owner, of_id);
begin
  if image is null then
    perform refuse('source-absent', format('account %s sees no image %s', owner.name, of_id));
  elsif image ->> 'status' <> 'active' then
    perform refuse('source-not-active', format('image %s isn''t active', of_id));
  elsif image ->> 'imageType' = 'data' then
    perform refuse('wrong-image-type', format('image %s holds a data disk', of_id));
  elsif not image -> 'architectures' @> jsonb_build_array(record -> 'architecture') then
    perform refuse('wrong-architecture', format(
      'image %s serves no instance with a system disk of type %s', of_id, record ->> 'architecture'));
  end if;
end $$;

-- A rebuild takes another image, which may be gone since it began.
create or replace function check_changed_instance(owner accounts, before jsonb, after jsonb, changed text[])
returns void language plpgsql as $$
begin
  if changed && array['systemDisk', 'dataDisks'] then
    perform check_not_being_frozen(before ->> 'id');
    perform from contents where id = any (disks_of(after)) and account_id <> owner.id;
    if found then
      perform refuse('content-not-yours', format('a disk of instance %s would be another account''s', before ->> 'id'));
    end if;
  end if;
  if changed && array['imageId', 'source'] and visible_image(owner, after -> 'source' ->> 'id') is not null then
    perform check_serves_instance(owner, after);
  end if;
end $$;

-- While its disks are being frozen for a full image, an instance stays as it is.
create or replace function check_not_being_frozen(of_id text) returns void language plpgsql as $$
begin
  perform from images
  where creator is not null and attributes ->> 'imageType' = 'full'
    and attributes -> 'source' ->> 'type' = 'instance' and attributes -> 'source' ->> 'id' = of_id
    and is_running(creator);
  if found then
    perform refuse('being-frozen', format('the disks of instance %s are being frozen', of_id));
  end if;
end $$;

-- What volumes keep to, beyond what holds for all records.

-- Returns the contents that are nobody's before.
create or replace function check_new_volume(owner accounts, record jsonb) returns text[] language plpgsql as $$
declare
  of_id constant text := record -> 'source' ->> 'id';
  image jsonb;
begin
  if record -> 'source' is null then
    return array[record -> 'disk' ->> 'id'];
  end if;
  image := visible_image(owner, of_id);
  if image is null then
    perform refuse('source-absent', format('account %s sees no image %s', owner.name, of_id));
  elsif image ->> 'status' <> 'active' then
    perform refuse('source-not-active', format('image %s isn''t active', of_id));
  elsif image ->> 'imageType' <> 'data' then
    perform refuse('wrong-image-type', format('image %s holds no data disk', of_id));
  end if;
  return array[record -> 'disk' ->> 'id'];
end $$;

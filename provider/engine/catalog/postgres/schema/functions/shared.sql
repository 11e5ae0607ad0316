-- What others share with the caller, without what only its owner needs.

-- Of an image: all that making an instance or volume of it takes, and what describes it. What its owner made it of is
-- left out, but for the image of the region's offer that it began as.
create or replace function shown_to_members(image images) returns jsonb language plpgsql stable as $$
declare
  began_as constant jsonb := (
    select jsonb_agg(jsonb_build_object('type', 'image', 'id', id, 'name', record -> 'name') order by nearness)
    from jsonb_array_elements(image.attributes -> 'lineage') with ordinality as steps (step, nearness)
      join offered_images on id = step ->> 'id' where step ->> 'type' = 'image');
begin
  return (
    select jsonb_object_agg(key, value) || jsonb_build_object('lineage', coalesce(began_as, '[]'))
    from jsonb_each(image.attributes)
    where key in ('name', 'description', 'visibility', 'imageType', 'architectures', 'status', 'os', 'tags',
      'minDisk', 'minRam', 'maxRam', 'nicMultiqueue', 'sriovDriver', 'encrypted', 'quickProvisioning',
      'deviceMappings', 'sizeBytes', 'checksum')
  );
end $$;

-- Rows as of the table: no declaration, no creation token, no source.
create or replace function shared_images() returns setof images language plpgsql stable security definer
set search_path = images, pg_temp as $$
begin
  -- The operator sees the table itself.
  return query
  select each.id, each.sequence, each.region, each.account, each.account_id, each.created_at, null::text, null::text,
    false, null::bigint, null::bigint, each.visibility, null::text, shown_to_members(each), each.name
  from images as each
  where each.id = any ((select shared_image_ids())::text[])
    and each.account_id <> all ((select my_account_ids())::int[]) and not (select is_operator());
end $$;

create or replace function shares_with_me() returns setof shares language plpgsql stable security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  return query
  select each.id, each.sequence, each.region, each.account, each.account_id, each.created_at, null::text, null::text,
    false, null::bigint, null::bigint, each.image_id, each.member_id, each.member_account_id,
    jsonb_build_object('imageId', each.image_id, 'memberId', each.member_id)
  from shares as each
  where each.member_account_id = any (mine) and each.account_id <> all (mine) and not is_operator();
end $$;

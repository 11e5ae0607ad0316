-- What clients may do beyond reading: call these functions, and nothing more.

revoke all on all functions in schema images from public, images_client;

-- What a client makes of its own it needs nowhere here, and a table that names a type of ours could keep a later step from
-- changing that.
do $$ begin
  execute format('revoke temporary on database %I from public', pg_catalog.current_database());
end $$;

grant execute on function
  my_account_ids(), shared_images(), shares_with_me(),
  settings(), schema_version(), accepted_shares(text, text), places_taken(), places_taken(text, text),
  insert_record(text, jsonb, bigint, jsonb), update_record(text, text, jsonb), delete_record(text, text), mark_seen(text[]),
  own_creator(text, int, text), beat(bigint), leave(bigint), creators(), sweep(bigint[]),
  discard_contents(text[]), discarded(), forget_contents(text[]),
  other_exporter(text, text, text),
  content(text), contents(), discarded_contents(), begin_content(text, jsonb), finish_content(text, jsonb),
  keep_checksum(text, text),
  share_content(text, text, bigint, bigint), share_made_of(text, text, bigint), remove_content(text),
  master_key_list(), master_key(text), lock_master_keys(), put_master_key(jsonb), wrapped_by(text),
  rewrap(text, text, text, text)
to images_client;

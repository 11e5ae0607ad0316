-- What happens by itself when rows come and go.

create trigger audit_is_kept before update or delete or truncate on audit
for each statement execute function keep_audit();
alter table audit enable always trigger audit_is_kept;

create trigger export_names_claimed after insert on exports
for each row when (new.bucket_url like 's3://%') execute function claim_export_names();

create trigger export_names_released after delete on exports
for each row when (old.bucket_url like 's3://%') execute function release_export_names();

create constraint trigger unnamed_is_discarded after delete on disk_references
deferrable initially deferred for each row execute function discard_unnamed();

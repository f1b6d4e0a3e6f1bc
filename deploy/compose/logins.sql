-- Logins of the trial. In earnest, passwords do not stand in files that are committed.
alter role realtime_owner password 'trial';
create role gateway login password 'trial' in role realtime_writer;

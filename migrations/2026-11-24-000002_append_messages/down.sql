drop function realtime.append_messages(
    uuid[], text[], text[], text[], text[], text[], text[], text[], text[], timestamptz
);

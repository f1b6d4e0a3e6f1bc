-- The schema stays: diesel's bookkeeping table lives in it, and perhaps an operator's directory view.
drop table realtime."ChatMessage";
drop table realtime."ChatConversation";
drop table realtime."ChatUser";

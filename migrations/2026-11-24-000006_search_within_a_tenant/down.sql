drop index realtime."ChatUser_tenantId_name_id_idx";

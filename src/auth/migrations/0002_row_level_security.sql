{{isolate auth_sessions}};

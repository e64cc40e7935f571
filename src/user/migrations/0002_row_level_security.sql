{{isolate user_profiles}};

-- Most profiles are members': the few others are found by their role, members by their organization.
DROP INDEX user_profiles_by_role;
CREATE INDEX user_profiles_by_role ON user_profiles (organization_id, role, id) WHERE role <> 'member';

-- What the elected worker does for the house every now and then, so that nothing grows without bound.
CREATE FUNCTION app.upkeep() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  BEGIN
    PERFORM app.audit_partition((current_date + interval '1 month')::date);
  EXCEPTION WHEN check_violation THEN
    RAISE WARNING 'the default partition of audit_log holds rows of next month';
  END;
  DELETE FROM platform.sessions WHERE ends_at < now();
  DELETE FROM platform.login_throttle WHERE updated_at < now() - interval '2 days';
  DELETE FROM platform.password_resets WHERE expires_at < now() - interval '1 day';
  DELETE FROM platform.telegram_links WHERE expires_at < now() - interval '1 day';
  DELETE FROM platform.telegram_buttons WHERE expires_at < now();
  -- an answer is kept for a day
  DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours';
END $$;
REVOKE ALL ON FUNCTION app.upkeep() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.upkeep() TO millwright_worker;

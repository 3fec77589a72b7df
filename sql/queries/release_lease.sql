-- Ends the lease of its holder at once, so that another relay need not wait for it to run out.
UPDATE leases SET expires_at = clock_timestamp() WHERE name = $1 AND holder = $2

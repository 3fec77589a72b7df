"""What `scoreboard dev` runs beside the service: private servers, simulated players, a screen."""

from __future__ import annotations

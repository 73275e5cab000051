# One image for every process of Mindory; docker-compose.yml says what each of them runs.
FROM python:3.11-slim AS packages
# requirements-ocr.lock: with text recognition for scanned books
ARG LOCK=requirements.lock
COPY ${LOCK} requirements.lock
RUN pip install --no-cache-dir uv==0.13.9 \
    && uv venv /venv \
    && VIRTUAL_ENV=/venv uv pip sync --no-cache --compile-bytecode --require-hashes requirements.lock

FROM python:3.11-slim
# For the words in drawings of books; 3 MB to fetch
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-dejavu-core fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 mindory && install -d -o mindory -g mindory -m 700 /data
COPY --from=packages /venv /venv
WORKDIR /mindory
COPY . .
# Nothing can be written here later, so each process, and each book's parser, would compile all that it loads.
RUN python -m compileall -q -x '/(tests?|lib2to3|idlelib)/' /usr/local/lib/python3.11 /mindory
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2 MINDORY_DATA=/data
USER mindory
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["uvicorn", "mindory_web.asgi:application", "--host=0.0.0.0", "--port=8000", "--no-access-log", "--ws-max-size=65536"]

# web, worker, actions and the command line. Build from the repository's root:
#   docker build -f deploy/Dockerfile.app -t yiboling/app .
FROM python:3.11-slim-bookworm AS environment
ARG PIP_INDEX_URL=https://pypi.org/simple
COPY requirements/app.txt /requirements.txt
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
RUN groupadd --gid 10001 hotline && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin hotline \
 && install -d -o hotline -g hotline -m 0750 /var/lib/hotline
COPY --from=environment /opt/venv /opt/venv
WORKDIR /app
COPY deploy/bin/hotline /usr/local/bin/hotline
COPY deploy/health.py deploy/health.py
COPY data/catalogue data/catalogue
COPY data/territories data/territories
COPY data/units data/units
COPY data/directory/providers.csv data/directory/offers.csv data/directory/volunteers.csv data/directory/canned_replies.csv data/directory/
COPY actions actions
COPY bot bot
RUN python -m compileall -q actions bot
USER 10001:10001
EXPOSE 8189
CMD ["hotline", "--help"]

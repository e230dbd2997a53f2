import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.crimebook.ApiClient;
import org.crimebook.ApiException;
import org.crimebook.api.OffencesApi;
import org.crimebook.api.ReleasesApi;
import org.crimebook.api.SubmissionsApi;
import org.crimebook.api.SummariesApi;
import org.crimebook.model.Offence;
import org.crimebook.model.OffenceDraft;
import org.crimebook.model.OffencePage;
import org.crimebook.model.ReleaseDraft;

/** A caller in Java, through the client of openapi-generator. It stops at the first answer that is not what it should be. */
public class Journey {
  static final LocalDate FIRST = LocalDate.of(2012, 4, 1), LAST = LocalDate.of(2013, 3, 31), DAY = LocalDate.of(2012, 5, 3);

  /** A file is sent as it is: by itself this library of the generator would send the file's name, as JSON. */
  static class AsItIs extends JsonSerializer<File> {
    @Override
    public void serialize(File file, JsonGenerator out, SerializerProvider serializers) throws IOException {
      out.writeRaw(Files.readString(file.toPath()));
    }
  }

  static void is(Object told, Object expected, String what) {
    if (!Objects.equals(told, expected)) throw new AssertionError(what + ": " + told + ", not " + expected);
  }

  static OffenceDraft crime(String reference) {
    return new OffenceDraft()
        .area("northampton").code("28A").committedFrom(OffsetDateTime.parse("2012-05-02T20:00:00Z")).crimeRef(reference)
        .force("northamptonshire").recordedOn(DAY);
  }

  static String tag(Map<String, List<String>> headers) {
    return headers.entrySet().stream().filter(one -> one.getKey().equalsIgnoreCase("ETag")).findFirst().orElseThrow().getValue().get(0);
  }

  static String asked(String address, String name) {
    for (String pair : URI.create(address).getQuery().split("&")) if (pair.startsWith(name + "=")) return pair.substring(name.length() + 1);
    throw new AssertionError(address);
  }

  public static void main(String[] said) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(said[0]);
    client.setRequestInterceptor(request -> request.setHeader("Authorization", "Bearer " + said[1]));
    client.setObjectMapper(ApiClient.createDefaultObjectMapper().registerModule(new SimpleModule().addSerializer(File.class, new AsItIs())));
    OffencesApi offences = new OffencesApi(client);

    StringBuilder lines = new StringBuilder("force,area,code,recorded_on,committed_from,crime_ref\n");
    for (int number = 0; number < 6; number++)
      lines.append("northamptonshire,northampton,28A,2012-05-03,2012-05-02T20:00:00Z,J/" + number + "\n");
    Path file = Files.writeString(Path.of("year.csv"), lines);
    var receipt = new SubmissionsApi(client).submitOffences(file.toFile(), null, "northamptonshire", null, FIRST, LAST, null, null, null, null, "year");
    is(receipt.getRecorded().intValue(), 6, "the receipt");
    var release = new ReleasesApi(client)
        .publishRelease(new ReleaseDraft().title("The year").addAreasItem("northamptonshire").period("2012/13"), null);

    var recorded = offences.recordOffenceWithHttpInfo(crime("J/7"), null, "o-1");
    is(offences.recordOffence(crime("J/7"), null, "o-1"), recorded.getData(), "the same key and body");
    UUID id = recorded.getData().getOffenceId();
    String tag = tag(recorded.getHeaders());
    var read = offences.readOffenceWithHttpInfo(id, null, null, null);
    is(read.getData(), recorded.getData(), "what was read");
    is(tag(read.getHeaders()), tag, "its ETag");
    try {
      offences.readOffence(id, null, null, null, Map.of("If-None-Match", tag));
      throw new AssertionError("what is held already was sent again");
    } catch (ApiException held) {
      is(held.getCode(), 304, "what is held already");
    }

    var corrected = offences.correctOffenceWithHttpInfo(id, tag, crime("J/7").victims(2), null, null);
    is(corrected.getData().getVictims(), 2, "the correction");
    try {
      offences.correctOffence(id, tag, crime("J/7").victims(3), null, null);
      throw new AssertionError("a stale correction was taken");
    } catch (ApiException stale) {
      is(stale.getCode(), 412, "a stale correction");
      is(stale.getResponseBody().contains("/docs/problems/stale-version"), true, "its problem");
      is(tag(stale.getResponseHeaders().map()), tag(corrected.getHeaders()), "the tag that is told instead");
    }

    List<Integer> sizes = new ArrayList<>();
    Set<UUID> listed = new HashSet<>();
    String after = null, asOf = null;
    do {
      OffencePage page = offences.listOffences(after, 3, "northamptonshire", asOf,
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
      sizes.add(page.getItems().size());
      for (Offence one : page.getItems()) listed.add(one.getOffenceId());
      after = page.getNext() == null ? null : asked(page.getNext(), "after");
      asOf = page.getNext() == null ? null : asked(page.getNext(), "as_of");
    } while (after != null);
    is(sizes, List.of(3, 3, 1), "the pages");
    is(listed.size(), 7, "the records on them");

    var summary = new SummariesApi(client).readSummary(List.of("northamptonshire"), "2012/13", null, null, null, null, null, null, null, null, null, null, null);
    is(summary.getFigures().get(0).getValue().longValue(), 7L, "the figure");
    var moved = new ReleasesApi(client).readRevisions(release.getReleaseId(), null, null);
    for (var one : moved.getRevisions())
      if (one.getCategory().getCode().equals("all-crime"))
        is(List.of(one.getThen(), one.getNow(), one.getDifference()), List.of(6L, 7L, 1L), "the revisions");
    System.out.println("the journey is done");
  }
}

import { describeForEngines, type Engine, type Verb } from "../support/engines";
import { expectRefusal, refuse, succeeded, withProject } from "../support/expectations";
import { asAccount, type Project } from "../support/project";
import { describeWithS3, S3Server } from "../support/s3-server";

const REGION = "region: local\naccounts: [{ name: platform }, { name: web }]\n";

describeWithS3("exports of two accounts to one bucket", () => {
  describeForEngines("by programs that are one account each", (engine: Engine) => {
    let bucket: string;
    const program = (name: string): string => `
      const disk = new Volume("disk", { size: 1 });
      const data = new PrivateImage("data", { volume: disk });
      new ImageExport("backup", {
        image: data, bucketUrl: "s3://${bucket}/weekly", name: "${name}", fileFormat: "qcow2" });
    `;

    const platform = withProject({ region: REGION });
    const web = withProject({ region: REGION });
    let [first, second]: Project[] = [];
    before(async () => {
      const server = await S3Server.shared();
      bucket = await server.newBucket();
      const { region } = platform();
      const { env } = server;
      first = await asAccount({ ...platform(), env }, region, "platform");
      second = await asAccount({ ...web(), env }, region, "web");
    });

    const run = async (project: Project | undefined, verb: Verb, name: string) => {
      await project!.write({ program: program(name) });
      return succeeded(await engine.run(project!, verb));
    };

    it("are refused in the preview where the other's has the name, and told what to do", async () => {
      await run(first, "preview", "golden");
      await run(second, "preview", "golden");
      await run(first, "up", "golden");
      expectRefusal(await refuse(engine, second!, { program: program("golden") }), [
        "backup",
        "name",
        /writes an object weekly\/golden-vd.\.qcow2 to bucket \S+ too, and nothing is ever overwritten/,
        "State another name, or another bucketUrl",
      ]);
      await run(first, "up", "golden");
    });

    it("stand beside each other by other names, and give them back", async () => {
      await run(second, "up", "silver");
      await run(second, "preview", "silver");
      succeeded(await engine.run(first!, "destroy"));
      await run(second, "preview", "golden");
    });
  });
});
